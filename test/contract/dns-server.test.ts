import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type DnsServer, startDns } from '../../src/sandbox/dns/dns-server.ts';
import { aliasTo, DUAL_STACK, LOAD_BALANCER, lookupIn, set, zone } from './dns-world.ts';

const LONG = Array.from({ length: 8 }, (_, index) => `"${String(index).repeat(200)}"`);
const lookup = lookupIn(
  zone('Z1', 'example.com.', [
    aliasTo('shop.example.com.', 'A', LOAD_BALANCER),
    aliasTo('dual.example.com.', 'AAAA', `dualstack.${DUAL_STACK}`),
    set('six.example.com.', 'AAAA', ['2001:db8::1:0:2', '::1']),
    set('www.example.com.', 'CNAME', ['shop.example.com']),
    set('text.example.com.', 'TXT', ['"one" "two \\"quoted\\" \\134 \\303\\244"', '"b"']),
    set('long.example.com.', 'TXT', LONG),
    set('mail.example.com.', 'MX', ['10 mx1.example.com.', '20 mx2.example.com']),
    set('_sip._tcp.example.com.', 'SRV', ['1 2 5060 sip.example.com.']),
    set('caa.example.com.', 'CAA', ['0 issue "ca.example.net; policy=ev"']),
    set('\\052.wild.example.com.', 'A', ['127.0.0.8']),
    set('broken.example.com.', 'A', ['not an address']),
    set('web.example.com.', 'HTTPS', ['1 . alpn="h2"']),
  ]),
  zone('Z2', 'hidden.internal.', [set('db.hidden.internal.', 'A', ['127.0.0.9'])], true),
);

let server: DnsServer;
const log: string[] = [];
const resolver = new dns.Resolver({ timeout: 2000, tries: 1 });
before(async () => {
  server = await startDns({ lookup, log: (line) => log.push(line) });
  resolver.setServers([`127.0.0.1:${server.udpPort}`]);
});
after(() => server.stop());

describe('node:dns as client', () => {
  test('A by alias, with its TTL', async () => {
    assert.deepEqual(await resolver.resolve4('shop.example.com', { ttl: true }), [
      { address: '127.65.1.2', ttl: 60 },
    ]);
  });
  test('A behind a CNAME, and the CNAME', async () => {
    assert.deepEqual(await resolver.resolve4('www.example.com'), ['127.65.1.2']);
    assert.deepEqual(await resolver.resolveCname('www.example.com'), ['shop.example.com']);
  });
  test('AAAA, compressed forms and IPv4 inside', async () => {
    assert.deepEqual(await resolver.resolve6('six.example.com'), ['2001:db8::1:0:2', '::1']);
    assert.deepEqual(await resolver.resolve6('dual.example.com'), ['::ffff:127.65.3.4']);
  });
  test('TXT: several strings, quotes, octal escapes', async () => {
    const [[one, two] = [], [b] = []] = await resolver.resolveTxt('text.example.com');
    assert.deepEqual([one, b], ['one', 'b']);
    // node gives the bytes as Latin-1.
    assert.equal(Buffer.from(two ?? '', 'latin1').toString(), 'two "quoted" \\ ä');
  });
  test('MX, SRV, NS, SOA, CAA', async () => {
    const mail = await resolver.resolveMx('mail.example.com');
    assert.deepEqual(mail.map(({ exchange, priority }) => [exchange, priority]).toSorted(), [
      ['mx1.example.com', 10],
      ['mx2.example.com', 20],
    ]);
    const [service] = await resolver.resolveSrv('_sip._tcp.example.com');
    assert.deepEqual(
      [service?.name, service?.port, service?.priority, service?.weight],
      ['sip.example.com', 5060, 1, 2],
    );
    assert.deepEqual((await resolver.resolveNs('example.com')).toSorted(), [
      'ns-1.awsdns-00.com',
      'ns-2.awsdns-01.net',
    ]);
    const soa = await resolver.resolveSoa('example.com');
    assert.deepEqual(
      [soa.nsname, soa.hostmaster, soa.serial, soa.refresh, soa.retry, soa.expire, soa.minttl],
      ['ns-1.awsdns-00.com', 'awsdns-hostmaster.amazon.com', 1, 7200, 900, 1_209_600, 60],
    );
    const [caa] = await resolver.resolveCaa('caa.example.com');
    assert.deepEqual([caa?.critical, caa?.issue], [0, 'ca.example.net; policy=ev']);
  });
  test('wildcard', async () => {
    assert.deepEqual(await resolver.resolve4('any.thing.wild.example.com'), ['127.0.0.8']);
  });
  test('an answer too long for UDP comes over TCP', async () => {
    assert.equal((await resolver.resolveTxt('long.example.com')).length, LONG.length);
  });
  const code = (name: string, type = 'A'): Promise<unknown> =>
    resolver.resolve(name, type).then(
      () => 'an answer',
      (error: { code?: unknown }) => error.code,
    );
  test('NXDOMAIN, NODATA, REFUSED and SERVFAIL are told apart', async () => {
    assert.equal(await code('nope.example.com'), 'ENOTFOUND');
    assert.equal(await code('shop.example.com', 'MX'), 'ENODATA');
    assert.equal(await code('www.example.org'), 'EREFUSED');
    assert.equal(await code('db.hidden.internal'), 'EREFUSED');
    assert.equal(await code('broken.example.com'), 'ESERVFAIL');
    assert.ok(log.some((line) => line.includes("'not an address' is not a value of type A")));
  });
  test('the private view on request', async () => {
    const inside = await startDns({ lookup, view: 'private' });
    const within = new dns.Resolver({ timeout: 2000, tries: 1 });
    within.setServers([`127.0.0.1:${inside.udpPort}`]);
    assert.deepEqual(await within.resolve4('db.hidden.internal'), ['127.0.0.9']);
    await inside.stop();
  });
});

/** A question by hand: name, type number, and optionally an OPT record with payload size and version. */
const question = (
  name: string,
  type: number,
  edns?: { payload: number; version: number },
  qclass = 1,
): Buffer => {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const opt =
    edns === undefined ? [] : [0, 0, 41, edns.payload >> 8, edns.payload & 255, 0, edns.version, 0, 0, 0, 0];
  const header = [0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, edns === undefined ? 0 : 1];
  return Buffer.concat([
    Buffer.from(header),
    ...labels,
    Buffer.from([0, type >> 8, type & 255, 0, qclass]),
    Buffer.from(opt),
  ]);
};

const overUdp = async (message: Buffer): Promise<Buffer> => {
  const socket = createSocket('udp4');
  socket.send(message, server.udpPort, '127.0.0.1');
  const [answer] = await once(socket, 'message');
  socket.close();
  return answer;
};

const flags = (answer: Buffer) => ({
  authoritative: (answer.readUInt8(2) & 4) !== 0,
  truncated: (answer.readUInt8(2) & 2) !== 0,
  code: answer.readUInt8(3) & 15,
  answers: answer.readUInt16BE(6),
  authority: answer.readUInt16BE(8),
  additional: answer.readUInt16BE(10),
});

describe('the messages', () => {
  test('NXDOMAIN carries the SOA in the authority section and is authoritative', async () => {
    const answer = flags(await overUdp(question('nope.example.com', 1)));
    assert.deepEqual(answer, {
      authoritative: true,
      truncated: false,
      code: 3,
      answers: 0,
      authority: 1,
      additional: 0,
    });
  });
  test('TC without EDNS, whole with a large EDNS payload, never more than asked for', async () => {
    assert.equal(flags(await overUdp(question('long.example.com', 16))).truncated, true);
    const small = await overUdp(question('long.example.com', 16, { payload: 1232, version: 0 }));
    assert.equal(flags(small).truncated, true);
    const whole = await overUdp(question('long.example.com', 16, { payload: 4096, version: 0 }));
    assert.deepEqual(
      [flags(whole).truncated, flags(whole).answers, flags(whole).additional],
      [false, LONG.length, 1],
    );
  });
  test('the question comes back byte by byte, capitals included', async () => {
    const sent = question('ShOp.eXample.COM', 1);
    const answer = await overUdp(sent);
    assert.ok(answer.subarray(12, sent.length).equals(sent.subarray(12)));
    assert.equal(answer.subarray(-4).join('.'), '127.65.1.2');
  });
  test('EDNS version 1 is BADVERS; another class REFUSED; another opcode NOTIMP', async () => {
    const answer = await overUdp(question('shop.example.com', 1, { payload: 1232, version: 1 }));
    assert.deepEqual([flags(answer).code, answer.readUInt8(answer.length - 6)], [0, 1]);
    assert.equal(flags(await overUdp(question('shop.example.com', 1, undefined, 3))).code, 5);
    const status = question('shop.example.com', 1);
    status.writeUInt8(0x10, 2);
    assert.equal(flags(await overUdp(status)).code, 4);
  });
  test('malformed questions are FORMERR, answers and scraps are ignored, and the server lives on', async () => {
    assert.equal(flags(await overUdp(Buffer.from([1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63, 97]))).code, 1);
    const loop = Buffer.from([1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]);
    assert.equal(flags(await overUdp(loop)).code, 1);
    const socket = createSocket('udp4');
    const got: Buffer[] = [];
    socket.on('message', (message) => got.push(message));
    const reply = question('shop.example.com', 1);
    reply.writeUInt8(0x81, 2);
    for (const message of [Buffer.alloc(0), Buffer.from('xyz'), reply])
      socket.send(message, server.udpPort, '127.0.0.1');
    socket.send(question('shop.example.com', 1), server.udpPort, '127.0.0.1');
    await once(socket, 'message');
    assert.equal(got.length, 1);
    socket.close();
  });
  test('a type the server cannot write is SERVFAIL when there is such a record, NODATA when not', async () => {
    assert.equal(flags(await overUdp(question('web.example.com', 65))).code, 2);
    assert.deepEqual([flags(await overUdp(question('shop.example.com', 65))).code], [0]);
    assert.deepEqual([flags(await overUdp(question('shop.example.com', 999))).code], [0]);
  });
  test('several questions on one TCP connection, in pieces', async () => {
    const socket = connect(server.tcpPort, '127.0.0.1');
    const one = question('shop.example.com', 1);
    const framed = Buffer.concat([Buffer.from([0, one.length]), one, Buffer.from([0, one.length]), one]);
    let got = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
    });
    socket.write(framed.subarray(0, 5));
    socket.write(framed.subarray(5, one.length + 7));
    await once(socket, 'data');
    socket.write(framed.subarray(one.length + 7));
    while (got.length < 2 * (2 + got.readUInt16BE(0))) await once(socket, 'data');
    assert.equal(got.subarray(-4).join('.'), '127.65.1.2');
    socket.destroy();
  });
});

const DIG = 'dig';
const dig = spawnSync(DIG, ['-v']).status === 0;

test('dig: alias, wildcard, NXDOMAIN, TCP fallback', {
  skip: dig ? false : 'dig is not installed',
}, async () => {
  const run = promisify(execFile);
  const at = ['@127.0.0.1', '-p', String(server.udpPort)];
  assert.equal((await run(DIG, [...at, '+short', 'shop.example.com'])).stdout.trim(), '127.65.1.2');
  assert.equal((await run(DIG, [...at, '+short', 'x.wild.example.com'])).stdout.trim(), '127.0.0.8');
  assert.match((await run(DIG, [...at, 'nope.example.com'])).stdout, /status: NXDOMAIN/);
  assert.equal(
    (await run(DIG, [...at, '+short', '+bufsize=512', 'long.example.com', 'TXT'])).stdout.trim().split('\n')
      .length,
    LONG.length,
  );
});
