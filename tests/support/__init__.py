"""What several test modules share: how programs are started, how maps are checked, and the samples they are fed."""
