/** The names of groups as members join them; what they look like is the broker's affair. */
export { fieldTopic, groupTopic, type Topic } from '../broker/topic.ts';
