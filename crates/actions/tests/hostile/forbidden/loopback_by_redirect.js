// Has a server that may be reached send it to the machine itself.
// expect: ends
let reached = 0
for (const status of [301, 302, 303, 307, 308]) {
    await fetch(`${server}redirect/${status}`).then(
        () => reached++,
        () => {},
    )
    await fetch(`${server}redirect/${status}`, {
        method: 'POST',
        body: 'x',
        redirect: 'follow',
    }).then(
        () => reached++,
        () => {},
    )
}
Lit.Actions.setResponse({ response: reached ? 'ESCAPED' : 'refused' })
