// ethers for the programs of scripts/, which lie outside of the workspace.
export { ethers } from "ethers";
