export const STORY_TABS = [{ name: 'Look around', query: 'query LookAround { machine { seq } }' }];
