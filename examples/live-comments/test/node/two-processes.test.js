import { after, it } from 'node:test';
import { connect, expectNoLeaks, heldBroker } from '@groupcast/testing';
import { buildApp } from '#app/build-app';

const broker = heldBroker();
const here = await buildApp({ emitter: broker.emitter });
const there = await buildApp({ emitter: broker.peer().emitter });

after(async () => {
  await here.close();
  await there.close();
});

it('a comment that is written in one process reaches the readers of another', async () => {
  const ann = await connect(there, { params: { token: 'token-of-ann' } });
  const ben = await connect(here, { params: { token: 'token-of-ben' } });
  const comments = await ann.subscribe('subscription { commentAdded(article: "otters") { text } }');

  await ben.query('mutation { addComment(article: "otters", text: "So do I") { id } }');

  await comments.expectNext({ commentAdded: { text: 'So do I' } });
  await comments.expectSilence();
  await ann.close();
  await ben.close();
  await expectNoLeaks(here);
  await expectNoLeaks(there);
});
