-- What people are called since the identity key was changed: docs/semantics.md, section 9.
ALTER TABLE analytics.people ADD COLUMN other_ids text[] NOT NULL DEFAULT '{}';
CREATE INDEX people_by_other_ids ON analytics.people USING gin (other_ids);
COMMENT ON COLUMN analytics.people.other_ids IS 'Pseudonyms of the same person by later identity keys.';

ALTER TABLE pipeline.erasures ADD COLUMN person_next text;
CREATE INDEX erasures_by_person_next ON pipeline.erasures (person_next);
COMMENT ON COLUMN pipeline.erasures.person_next IS 'The same of the pseudonym by another identity key, where one was announced; else NULL.';
