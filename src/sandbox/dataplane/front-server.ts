import type { Server } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import type { Server as StreamServer } from 'node:net';
import type { Server as TlsServer } from 'node:tls';

/** Any of node's servers that can stand for a listener. */
export type FrontServer = Server | HttpsServer | Http2SecureServer | StreamServer | TlsServer;
