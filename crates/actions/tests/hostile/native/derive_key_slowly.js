// Asks for a key derivation of a billion rounds.
// expect: timeout|thrown
ethers.utils.pbkdf2('0x01', '0x02', 1000000000, 32, 'sha512')
