"""The routes, one module per concept, each with its `router`. `api.main.ROUTERS` lists them."""
