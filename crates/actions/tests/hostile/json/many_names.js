// Parses an object of two hundred thousand names.
// expect: memory|thrown|ends
JSON.parse(`{${Array.from({ length: 200000 }, (_, number) => `"name${number}":${number}`)}}`)
