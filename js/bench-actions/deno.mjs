// What deno runs: the same action, with a response that is printed. Its first argument is the
// action, its second ethers or nothing.
const [action, ethers] = Deno.args;
globalThis.LitActions = { setResponse: ({ response }) => console.log(response) };
if (ethers) globalThis.ethers = (await import(ethers)).ethers;
(0, eval)(Deno.readTextFileSync(action));
