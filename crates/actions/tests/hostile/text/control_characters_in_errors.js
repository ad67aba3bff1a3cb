// Throws an error whose text commands a terminal.
// expect: thrown
throw new Error('\u001b]0;title\u0007\u001b[2J\r\nlevel=error msg="forged"\u0000\u009b31m')
