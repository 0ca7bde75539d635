/** A gRPC message on the wire: not compressed, then its length. */
export const grpcFrame = (message: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};
