"""What an assistant's answer says, what its question asks for and gives, and what the answer has changed of that."""
