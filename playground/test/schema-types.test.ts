import { minifyIntrospection, outputIntrospectionFile } from 'gql.tada/internal';
import { introspectionFromSchema } from 'graphql';
import { expect, test } from 'vitest';
import { createChatSchema } from '../src/server/chat-schema.ts';

// After a change of the schema: npx vitest run playground/test/schema-types.test.ts --update
test("the types of the page's operations are those of the server's schema", async () => {
  const schema = createChatSchema({ countdownIntervalMs: 1 });

  const file = outputIntrospectionFile(minifyIntrospection(introspectionFromSchema(schema)), {
    fileType: '.d.ts',
    shouldPreprocess: true,
  });

  await expect(file).toMatchFileSnapshot('../app/chat/generated/introspection.d.ts');
});
