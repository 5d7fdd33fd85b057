"""The Graph API as far as Pages need it: posts, comments, insights, their paging, errors and limits."""
