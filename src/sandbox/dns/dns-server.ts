import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { answerQuery } from './answer-query.ts';
import type { Lookup, View } from './lookup.ts';

/** A DNS server on 127.0.0.1; UDP and TCP share the port number, so that truncated answers can be asked again. */
export type DnsServer = {
  readonly udpPort: number;
  readonly tcpPort: number;
  stop(): Promise<void>;
};

/** Serves look-ups over DNS: authoritative, without recursion. `view` is what clients see, by default the internet's. */
export const startDns = async (options: {
  readonly lookup: Lookup;
  readonly view?: View;
  readonly log?: (message: string) => void;
}): Promise<DnsServer> => {
  const { lookup, view = 'public', log = () => undefined } = options;
  const answer = (message: Buffer, transport: 'udp' | 'tcp'): Buffer | undefined =>
    answerQuery(message, transport, { lookup, view, log });
  const { udp, tcp, port } = await bindBoth();
  const connections = new Set<Socket>();
  udp.on('message', (message, peer) => {
    const reply = answer(message, 'udp');
    if (reply !== undefined) udp.send(reply, peer.port, peer.address);
  });
  udp.on('error', (error) => log(`DNS over UDP: ${error.message}`));
  tcp.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    serveConnection(socket, (message) => answer(message, 'tcp'));
  });
  return {
    udpPort: port,
    tcpPort: port,
    stop: async () => {
      for (const socket of connections) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(resolve)),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
};

/** The port the system gives for UDP may be taken for TCP; then another pair is tried. */
const ATTEMPTS = 10;

const bindBoth = async (): Promise<{ udp: UdpSocket; tcp: Server; port: number }> => {
  for (let attempt = 1; ; attempt++) {
    const udp = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(0, '127.0.0.1', resolve);
    });
    const { port } = udp.address();
    const tcp = createServer();
    try {
      await new Promise<void>((resolve, reject) => {
        tcp.once('error', reject);
        tcp.listen(port, '127.0.0.1', resolve);
      });
      return { udp, tcp, port };
    } catch (error) {
      udp.close();
      if (attempt === ATTEMPTS) throw error;
    }
  }
};

const IDLE_MS = 10_000;

/** Messages of a connection come one after another, each with its length before it (RFC 7766). */
const serveConnection = (socket: Socket, answer: (message: Buffer) => Buffer | undefined): void => {
  let pending: Buffer = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const reply = answer(pending.subarray(2, end));
      pending = pending.subarray(end);
      if (reply === undefined) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  });
};
