// Registers symbols without end.
// expect: memory|timeout
for (let count = 0; ; count++) Symbol.for(`a symbol of number ${count} that is never given back`)
