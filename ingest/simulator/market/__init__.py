"""The market: what brands advertise, who comes to their sites, what they buy and give back. It is no world of posts.

brands                  ad accounts, shops and sites
ads, performance        campaigns, ad sets and ads; what each did on a day, as the platform has it at a second
arrivals, people        how somebody comes, and who
orders, world           what becomes of orders; everything that happens, in order of time
telling, shopify, stripe, woocommerce, collector     how it is told, and what should not have been sent
outbox, play            what goes wrong with that; one run of it
"""
