// Names everything in letters that turn the direction of text.
// expect: thrown
const аdmin = '\u202e\u2066'
class а‌ {}
throw new TypeError(`${аdmin}${а‌.name}\u202d`)
