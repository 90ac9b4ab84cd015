"""Where the world is: thin adapters to network, clock and environment. What they bring is a value of the model;
what they cannot do is a ``Failure`` or an error of ``samsvar.errors``. Nothing here judges."""
