app_name = 'backlinks'
urlpatterns: list = []
