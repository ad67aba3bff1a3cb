// Multiplies and divides numbers whose product has a million bits.
// expect: timeout
const number = 3n ** 300000n
while (true) (number * number) / (number - 1n)
