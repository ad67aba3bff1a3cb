// Raises a number to a power that has no room.
// expect: thrown|memory|timeout
3n ** (2n ** 30n)
