"""What follows: pure functions over the values of ``samsvar.model``. No network, disk, clock, environment or chance."""
