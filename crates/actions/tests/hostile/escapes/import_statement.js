// Is a module.
// expect: thrown
import fs from 'fs'
Lit.Actions.setResponse({ response: 'ESCAPED' })
