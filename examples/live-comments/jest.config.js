/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/jest/**/*.test.js'],
  // The tests are ES modules for Node, as they stand.
  transform: {},
};
