"""The Web API: its calls, their pace, what became of them, and what is looked up by them."""
