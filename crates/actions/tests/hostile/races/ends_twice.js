// Ends by an error while another is on its way.
// expect: thrown
Promise.reject(new Error('first'))
Promise.reject(new Error('second'))
setTimeout(() => {
    throw new Error('third')
})
throw new Error('fourth')
