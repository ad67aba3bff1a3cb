// Fetches from the machine itself, in many spellings.
// expect: ends
const port = new URL(sink).port
const hosts = [
    '127.0.0.1',
    '127.1',
    '0',
    '0.0.0.0',
    '2130706433',
    '0x7f.1',
    '0177.1',
    'localhost',
    'LOCALHOST.',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '127.0.0.1.',
    '\uff11\uff12\uff17.0.0.1',
]
let reached = 0
for (const host of hosts)
    await fetch(`http://${host}:${port}/`).then(
        () => reached++,
        () => {},
    )
Lit.Actions.setResponse({ response: reached ? 'ESCAPED' : 'refused' })
