"""What things are: frozen values, standard library only, no effects. Everything may import this room."""
