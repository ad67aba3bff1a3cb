// Fetches what clouds tell their machines.
// expect: ends
let reached = 0
for (const host of [
    '169.254.169.254',
    '100.100.100.200',
    '[fd00:ec2::254]',
    '169.254.170.2',
    '192.0.0.192',
]) {
    await fetch(`http://${host}/latest/meta-data/`, {
        headers: { 'metadata-flavor': 'Google' },
    }).then(
        () => reached++,
        () => {},
    )
}
Lit.Actions.setResponse({ response: reached ? 'ESCAPED' : 'refused' })
