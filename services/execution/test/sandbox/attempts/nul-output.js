// Returns text that PostgreSQL cannot store.
export default () => 'a\0b';
