/**
 * For `node --import`: a process whose standard input is a pipe to its parent ends when the parent does, however that
 * came about. Without it a sandbox that is killed would leave its controllers behind.
 */
export const ENDS_WITH_PARENT = `data:text/javascript,${encodeURIComponent(
  "process.stdin.on('end', () => process.exit(1)).on('error', () => process.exit(1)).resume().unref();",
)}`;
