/** What the error codes of AWS mean for us. Codes only: message texts are for people and change. */
import type { Attempt } from '../core/ports.ts';

/**
 * `throttled`: too fast. `gone`: what was named does not exist. `inUse`: something still refers to it.
 * `exists`: the place is taken. `denied`: missing permission. `wrong`: AWS will never accept this as it is.
 * `later`: a quota is full or something else is not ready, a certificate that ACM has only just issued say; the same may be
 * accepted later. `transient`: no answer, or AWS's own trouble.
 */
export type Meaning = 'throttled' | 'gone' | 'inUse' | 'exists' | 'denied' | 'wrong' | 'later' | 'transient';

const rows = (meaning: Meaning, codes: string): readonly (readonly [string, Meaning])[] =>
  codes
    .trim()
    .split(/\s+/)
    .map((code) => [code, meaning]);

/** By error code as it stands in the answer (AWS documentation of ELBv2, EC2, Route 53, ACM and common errors). */
const AWS_ERRORS: ReadonlyMap<string, Meaning> = new Map([
  ...rows(
    'throttled',
    'Throttling ThrottlingException ThrottledException RequestLimitExceeded RequestThrottled TooManyRequestsException PriorRequestNotComplete SlowDown',
  ),
  ...rows(
    'gone',
    `LoadBalancerNotFound TargetGroupNotFound ListenerNotFound RuleNotFound
     InvalidGroup.NotFound InvalidSecurityGroupID.NotFound InvalidSecurityGroup NoSuchHostedZone ResourceNotFoundException`,
  ),
  ...rows('inUse', 'ResourceInUse ResourceInUseException DependencyViolation'),
  ...rows(
    'exists',
    'DuplicateLoadBalancerName DuplicateTargetGroupName DuplicateListener PriorityInUse InvalidGroup.Duplicate InvalidPermission.Duplicate',
  ),
  ...rows(
    'denied',
    `AccessDenied AccessDeniedException UnauthorizedOperation AuthFailure OptInRequired InvalidClientTokenId
     UnrecognizedClientException SignatureDoesNotMatch MissingAuthenticationToken CredentialsProviderError`,
  ),
  ...rows(
    'wrong',
    `ValidationError ValidationException InvalidParameterValue InvalidParameterCombination MissingParameter InvalidInput
     InvalidConfigurationRequest InvalidLoadBalancerAction InvalidScheme InvalidSubnet SubnetNotFound
     UnsupportedProtocol UnsupportedCertificate IncompatibleProtocols SSLPolicyNotFound
     AvailabilityZoneNotSupported OperationNotPermitted InvalidChangeBatch InvalidGroupId.Malformed InvalidVpcID.NotFound
     InvalidSubnetID.NotFound InvalidPermission.NotFound DuplicateTagKeys UnsupportedOperation InvalidAction
     InvalidArnException InvalidParameterException InvalidTagException InvalidDomainValidationOptionsException
     InvalidArgsException`,
  ),
  ...rows(
    'later',
    `TooManyLoadBalancers TooManyTargetGroups TooManyListeners TooManyRules TooManyCertificates TooManyTargets
     TooManyActions TooManyTags TooManyRegistrationsForTargetId TooManyUniqueTargetGroupsPerLoadBalancer
     InvalidTarget TargetGroupAssociationLimit SecurityGroupLimitExceeded RulesPerSecurityGroupLimitExceeded
     ResourceLimitExceeded LimitsExceeded LimitExceededException TooManyTagsException RequestInProgressException
     InvalidStateException CertificateNotFound`,
  ),
  ...rows(
    'transient',
    `InternalFailure InternalError ServiceUnavailable Unavailable RequestTimeout RequestExpired ExpiredToken
     ExpiredTokenException TimeoutError ECONNRESET ECONNREFUSED ENOTFOUND EAI_AGAIN EPIPE ETIMEDOUT AbortError`,
  ),
]);

export type AwsError = { readonly code: string; readonly message: string; readonly meaning: Meaning };

/** Reads what an SDK client threw. A code that is not in the table is judged by the HTTP status alone. */
export const awsError = (thrown: unknown): AwsError => {
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as SdkError;
  const code = error.Code ?? error.Error?.Code ?? error.code ?? error.name ?? 'Unknown';
  const known = AWS_ERRORS.get(code) ?? AWS_ERRORS.get(error.name ?? '');
  const texts = error.messages?.length ? error.messages.join('; ') : error.message;
  return { code, message: texts || code, meaning: known ?? byStatus(error.$metadata?.httpStatusCode) };
};

/** The shapes of SDK v3: query services put the code in `Code`, others in `name`, Node's sockets in `code`. */
type SdkError = {
  readonly Code?: string;
  readonly Error?: { readonly Code?: string };
  readonly code?: string;
  readonly name?: string;
  readonly message?: string;
  readonly messages?: readonly string[];
  readonly $metadata?: { readonly httpStatusCode?: number };
};

const byStatus = (status: number | undefined): Meaning => {
  if (status === 403 || status === 401) return 'denied';
  return status !== undefined && status >= 400 && status < 500 ? 'wrong' : 'transient';
};

/** Not every service says what it refused: EC2 does not. `action` as in an IAM policy. */
export const nameDeniedAction = (thrown: unknown, action: string, role?: string): void => {
  if (!(thrown instanceof Error) || !/^(AccessDenied|UnauthorizedOperation)/.test(awsError(thrown).code))
    return;
  thrown.message = `${thrown.message.replace(/\.$/, '')}; expected permission for ${action}${role === undefined ? '' : ` of role ${role}`}, as in examples/iam-policy.json`;
};

/** What a socket says of itself names an address at most; people ask which service did not answer. */
export const nameUnanswered = (thrown: unknown, action: string): void => {
  if (!(thrown instanceof Error) || !SOCKETS.test(awsError(thrown).code)) return;
  thrown.message = `no answer from AWS to ${action}: ${thrown.message || awsError(thrown).code}`;
};

const SOCKETS = /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError)$/;

/** The SDK tells that it looked, not where: `Could not load credentials from any providers`. */
export const nameCredentials = (thrown: unknown): void => {
  if (!(thrown instanceof Error) || thrown.name !== 'CredentialsProviderError') return;
  if (thrown.message.startsWith(NO_CREDENTIALS)) return;
  thrown.message = `${NO_CREDENTIALS} (${thrown.message}): expected the role of the Pod or its node, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE`;
};

const NO_CREDENTIALS = 'no AWS credentials';

export const means = (thrown: unknown, meaning: Meaning): boolean => awsError(thrown).meaning === meaning;

/** The answer, or undefined when AWS does not permit the question. */
export const unlessDenied = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((thrown: unknown) => {
    if (means(thrown, 'denied')) return undefined;
    throw thrown;
  });

/** Something of ours the plan refers to is not known in AWS: the picture is stale, a fresh look helps. */
export class MissingReference extends Error {
  readonly code = 'MissingReference';
}

const RETRY: Readonly<Record<Meaning, boolean>> = {
  throttled: true,
  gone: true,
  inUse: true,
  exists: true,
  denied: false,
  wrong: false,
  later: true,
  transient: true,
};

/** How an attempt ended that AWS (or the way there) answered with an error. */
export const failedAttempt = (thrown: unknown): Attempt => {
  if (thrown instanceof MissingReference)
    return { status: 'failed', code: thrown.code, message: thrown.message, retry: true };
  const { code, message, meaning } = awsError(thrown);
  if (meaning === 'throttled') return { status: 'wait', seconds: 2, why: `AWS asks to slow down (${code})` };
  return { status: 'failed', code, message, retry: RETRY[meaning] };
};
