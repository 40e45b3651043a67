import {
  type ClientMessage,
  clientCodecFor,
  legacyServerCodec,
  MODERN,
  modernClientCodec,
  type Subprotocol,
  serverCodecFor,
} from '@groupcast/protocol';
import { expectTypeOf, test } from 'vitest';

declare const subprotocol: Subprotocol;
declare const anyClientMessage: ClientMessage;

test('a codec of either subprotocol takes the messages that both have', () => {
  const codec = serverCodecFor(subprotocol);

  codec.encode({ type: 'complete', id: '1' });
  // @ts-expect-error a pong is of the modern subprotocol only
  codec.encode({ type: 'pong' });
  if (codec.subprotocol === MODERN) codec.encode({ type: 'pong' });
  else codec.encode({ type: 'ka' });
});

test('a codec of one subprotocol refuses the messages of the other', () => {
  // @ts-expect-error a pong is of the modern subprotocol only
  legacyServerCodec.encode({ type: 'pong' });
  // @ts-expect-error a connection_terminate is of the legacy subprotocol only
  modernClientCodec.encode({ type: 'connection_terminate' });
  // @ts-expect-error it may be a message of the other subprotocol
  clientCodecFor(subprotocol).encode(anyClientMessage);
});

test('what is decoded is a union that its type tells apart', () => {
  const message = serverCodecFor(subprotocol).decode('');

  if (message.type === 'subscribe') {
    expectTypeOf(message.id).toEqualTypeOf<string>();
    expectTypeOf(message.wireId).toEqualTypeOf<string | number>();
  }
  if (message.type === 'violation' && message.answer === 'close') {
    expectTypeOf(message.code).toEqualTypeOf<number>();
  }
});
