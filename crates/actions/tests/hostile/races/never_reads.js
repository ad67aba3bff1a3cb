// Asks for as many long responses as it may and never looks at them.
// expect: timeout
for (let count = 0; count < 50; count++) fetch(`${server}bytes/4000000`)
while (true) {}
