/** In the data directory while the node serves its API: `{"url": "http://…"}`, for programs on this machine. */
export const API_ADDRESS_FILE = 'api.json'
