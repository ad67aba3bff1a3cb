// Fills a set with texts.
// expect: memory
const set = new Set()
for (let count = 0; ; count++) set.add(`a text of some length that differs by its number ${count}`)
