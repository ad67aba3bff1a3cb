const signature =
  "0x30629d95501f337e761788734f56b528846db2200e43cb5689d09da97114884b15db98f838f368a9f9d4f1b3e537f2a18ae836bc827419ea03c7126aa7382f661c";
const signer = ethers.utils.verifyMessage("a message", signature);
const token = new ethers.utils.Interface(["function transfer(address to, uint256 amount)"]);
const data = token.encodeFunctionData("transfer", [signer, ethers.utils.parseEther("1.5")]);
const transaction = {
  type: 2,
  chainId: 1,
  nonce: 7,
  to: signer,
  data,
  gasLimit: 60000,
  maxFeePerGas: 1e9,
  maxPriorityFeePerGas: 1e9,
};
LitActions.setResponse({
  response: ethers.utils.keccak256(ethers.utils.serializeTransaction(transaction)),
});
