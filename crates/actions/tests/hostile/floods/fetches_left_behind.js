// Ends while fifty fetches are under way.
// expect: thrown
for (let count = 0; count < 50; count++) fetch(`${server}never`).catch(() => {})
throw new Error('left behind')
