// Multiplies and divides numbers of a million bits.
// expect: timeout|thrown
const number = 3n ** 600000n
while (true) (number * number) / (number - 1n)
