// Looks back as far as it goes, at each place.
// expect: timeout
while (true) 'a'.repeat(1 << 16).search(/(?<=^(a+)+b)c/)
