/** Only what the processor of an image can run gets into it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { madeFor } from '../../src/image/elf.ts';

/** The first bytes of a 64-bit little-endian ELF file for a machine. */
const header = (machine: number): Buffer => {
  const bytes = Buffer.alloc(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  bytes.writeUInt16LE(machine, 18);
  return bytes;
};

test('a file for the processor is passed on', () => {
  for (const [architecture, machine] of [['amd64', 62] as const, ['arm64', 183] as const])
    assert.deepEqual(madeFor(architecture, '/lib/x', header(machine)), header(machine));
});

test('a file for another one, or none at all, is refused by its path', () => {
  assert.throws(() => madeFor('arm64', '/lib/x', header(62)), /\/lib\/x is made for amd64; expected arm64/);
  assert.throws(() => madeFor('amd64', '/lib/x', header(8)), /is made for machine 8; expected amd64/);
  assert.throws(() => madeFor('amd64', '/lib/x', Buffer.from('#!/bin/sh\n')), /is no 64-bit ELF file/);
});

const HERE = process.arch === 'x64' ? 'amd64' : process.arch === 'arm64' ? 'arm64' : undefined;

test('the Node that runs this is made for this machine', {
  skip: (process.platform !== 'linux' || HERE === undefined) && `${process.platform} ${process.arch}`,
}, () => {
  madeFor(HERE ?? 'amd64', process.execPath, readFileSync(process.execPath));
});
