"""Calls every operation it is told with random input of botocore's own models, and reports what botocore made of the
random output it asked for. Reads {seeds, rounds, services: [{name, url, control, operations}]} from standard input."""
import base64, datetime, json, random, sys, urllib.request
import botocore.handlers
import botocore.session
from botocore.config import Config

WORDS = ['a', 'zone-b', '<tag> & "quote"', 'ünï', 'two words', "it's", '100%', 'a=b&c=d', '{}', 'line\nbreak', '0']
# For headers and paths.
PLAIN = ['a', 'zone-b', '100%', 'a=b&c=d', 'two words']
# botocore encodes these on its own, once more.
LEFT_OUT = {'UserData'}


def value(shape, chance, least, depth=0, plain=False):
    kind = shape.type_name
    if kind == 'structure':
        return structure(shape, chance, least, depth)
    if kind == 'list':
        return [value(shape.member, chance, least, depth + 1) for _ in range(chance.randint(least, 2))]
    if kind == 'map':
        return {f'key{chance.randrange(9)}': value(shape.value, chance, least, depth + 1)}
    if kind == 'timestamp':
        return datetime.datetime.fromtimestamp(1_700_000_000 + chance.randrange(100_000), datetime.timezone.utc)
    if kind == 'blob':
        return chance.choice(WORDS).encode()
    if kind == 'boolean':
        return chance.random() < 0.5
    if kind in ('integer', 'long'):
        return 0 if chance.random() < 0.2 else chance.randrange(70_000)
    if kind in ('float', 'double'):
        return chance.randrange(140_000) / 2
    if 'MaxItems' in shape.name:  # a number that the model calls a string
        return str(chance.randrange(1, 300))
    return chance.choice(PLAIN if plain else WORDS)


def structure(shape, chance, least, depth):
    made = {}
    for name, member in shape.members.items():
        needed = name in shape.required_members or member.metadata.get('idempotencyToken')
        if name not in LEFT_OUT and (needed or (depth < 6 and chance.random() < 0.67)):
            located = member.serialization.get('location') in ('uri', 'header', 'querystring')
            made[name] = value(member, chance, least, depth + 1, located)
    if depth > 0 and not made and shape.members:  # one without members cannot be told from none
        name, member = next(iter(shape.members.items()))
        made[name] = value(member, chance, least, depth + 1)
    return made


def as_json(given):
    if isinstance(given, bytes):
        return base64.b64encode(given).decode()
    if isinstance(given, datetime.datetime):
        return given.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.000Z')
    raise TypeError(str(type(given)))


def tell(url, what):
    body = json.dumps(what, default=as_json).encode()
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(urllib.request.Request(url, body)).read()


def run(given, session, seeds, rounds):
    client = session.create_client(
        given['name'], region_name='us-west-1', endpoint_url=given['url'], aws_access_key_id='a',
        aws_secret_access_key='b', config=Config(parameter_validation=False, retries={'max_attempts': 0}))
    model = client.meta.service_model
    unknown = [each for each in given['operations'] if each not in model.operation_names]
    for seed in range(seeds):
        chance = random.Random(20260100 + seed)
        for name in given['operations']:
            if name in unknown:
                continue
            operation = model.operation_model(name)
            for _ in range(rounds):
                least = 1 if model.protocol == 'ec2' else 0
                sent = structure(operation.input_shape, chance, least, 0) if operation.input_shape else {}
                wish = structure(operation.output_shape, chance, 0, 0) if operation.output_shape else {}
                tell(given['control'], {'operation': name, 'seed': seed, 'input': sent, 'output': wish})
                try:
                    reply = client._make_api_call(name, sent)
                    reply.pop('ResponseMetadata')
                    tell(given['control'], {'reply': reply})
                except Exception as error:
                    tell(given['control'], {'error': f'{type(error).__name__}: {error}'})
    return unknown


task = json.load(sys.stdin)
session = botocore.session.get_session()
# Policy documents are compared as they travel, not as botocore reads them afterwards.
session.unregister('after-call.iam', botocore.handlers.json_decode_policies)
print(json.dumps({each['name']: run(each, session, task['seeds'], task['rounds']) for each in task['services']}))
