// Names everything in letters that turn the direction of text.
// expect: thrown
const \u0430dmin = '\u202e\u2066'
class \u0430\u200c {}
throw new TypeError(`${\u0430dmin}${\u0430\u200c.name}\u202d`)
