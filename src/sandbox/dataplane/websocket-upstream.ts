import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Upgrade } from './exchange.ts';
import type { Outgoing } from './outgoing.ts';
import type { Relay } from './relay.ts';

/**
 * Passes a WebSocket handshake on and, when the target agrees, joins the two connections. A
 * target that declines answers like any other request. Silence of both sides for the idle timeout ends it.
 */
export const sendUpgrade = (outgoing: Outgoing, upgrade: Upgrade, relay: Relay): void => {
  const send = outgoing.secure ? requestHttps : requestHttp;
  const request = send({
    host: outgoing.target.address,
    port: outgoing.target.port,
    method: outgoing.method,
    path: outgoing.path,
    headers: [...outgoing.headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
    agent: false,
    rejectUnauthorized: false,
  });
  relay.onCancel(() => request.destroy());
  request.setTimeout(outgoing.idleTimeoutMs, () => relay.fail(504, 'no answer within the idle timeout'));
  request.on('upgrade', (response, socket, head) => {
    upgrade.socket.write(switchingHead(relay.switched(response.rawHeaders)));
    // From here on the two connections end each other; cutting the target off could lose its last words.
    relay.onCancel(() => undefined);
    join(upgrade.socket, socket, outgoing.idleTimeoutMs);
    if (upgrade.head.length > 0) socket.write(upgrade.head);
    if (head.length > 0) upgrade.socket.write(head);
  });
  request.on('response', (response) => {
    relay.head(response.statusCode ?? 502, response.statusMessage ?? '', response.rawHeaders);
    response.on('data', (chunk: Uint8Array) => {
      if (!relay.data(chunk, () => response.resume())) response.pause();
    });
    response.on('end', () => relay.end());
    response.on('error', (error) => relay.fail(502, error.message));
  });
  request.on('error', (error) => relay.fail(502, error.message));
  request.end();
};

const switchingHead = (headers: readonly string[]): string => {
  const lines = ['HTTP/1.1 101 Switching Protocols'];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
};

/** What one side still sent before it closed reaches the other; silence or an error ends both. */
const join = (client: Duplex, target: Duplex, idleTimeoutMs: number): void => {
  const destroy = (): void => {
    client.destroy();
    target.destroy();
  };
  const timer = setTimeout(destroy, idleTimeoutMs);
  for (const [from, to] of [
    [client, target],
    [target, client],
  ] as const) {
    from.on('data', () => timer.refresh());
    from.on('error', destroy);
    from.on('close', () => {
      to.end();
      if (to.destroyed) clearTimeout(timer);
    });
    from.pipe(to);
  }
};
