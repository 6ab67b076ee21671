API_KEY = "@plain@"
