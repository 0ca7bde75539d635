import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsError, failedAttempt } from '../../src/aws/errors.ts';

test('the code of the wire is read, not the class name of the SDK', () => {
  const thrown = Object.assign(new Error('no such thing'), {
    name: 'LoadBalancerNotFoundException',
    Code: 'LoadBalancerNotFound',
    $metadata: { httpStatusCode: 400 },
  });
  assert.deepEqual(awsError(thrown), {
    code: 'LoadBalancerNotFound',
    message: 'no such thing',
    meaning: 'gone',
  });
});

test('an unknown code is judged by its HTTP status', () => {
  const answer = (httpStatusCode?: number) =>
    awsError(Object.assign(new Error('x'), { name: 'Novel', $metadata: { httpStatusCode } })).meaning;
  assert.deepEqual(
    [answer(400), answer(403), answer(503), answer(undefined)],
    ['wrong', 'denied', 'transient', 'transient'],
  );
});

test('all reasons of a refused change batch are told', () => {
  const thrown = Object.assign(new Error(''), { name: 'InvalidChangeBatch', messages: ['first', 'second'] });
  assert.deepEqual(failedAttempt(thrown), {
    status: 'failed',
    code: 'InvalidChangeBatch',
    message: 'first; second',
    retry: false,
  });
});

test('a certificate that load balancers do not know yet is tried again soon', () => {
  const thrown = Object.assign(new Error('not found'), {
    name: 'CertificateNotFoundException',
    Code: 'CertificateNotFound',
    $metadata: { httpStatusCode: 400 },
  });
  const attempt = failedAttempt(thrown);
  assert.ok(attempt.status === 'failed' && attempt.retry);
});

test('throttling is nobody’s failure, and a missing permission is not tried again', () => {
  assert.equal(
    failedAttempt(Object.assign(new Error('slow'), { name: 'RequestLimitExceeded' })).status,
    'wait',
  );
  const denied = failedAttempt(Object.assign(new Error('no'), { name: 'AccessDenied' }));
  assert.deepEqual(denied, { status: 'failed', code: 'AccessDenied', message: 'no', retry: false });
});
