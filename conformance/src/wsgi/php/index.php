<?php
session_save_path(sys_get_temp_dir());
switch ($_SERVER['QUERY_STRING']) {
    case 'form':
        echo $_POST['text'];
        break;
    case 'raw':
        echo strlen(file_get_contents('php://input'));
        break;
    case 'redirect':
        header('Location: /elsewhere');
        break;
    case 'missing':
        http_response_code(404);
        echo 'not here';
        break;
    case 'download':
        for ($i = 0; $i < 160; $i++) echo str_repeat('x', 65536);
        break;
    case 'log':
        file_put_contents('php://stderr', '');
        error_log('from PHP');
        echo 'logged';
        break;
    case 'pid':
        echo getmypid();
        break;
    default:
        setcookie('a', 'b');
        header('X-Proxy: ' . (getenv('HTTP_PROXY') === false ? 'none' : 'set'));
        echo "Hello from {$_SERVER['SERVER_SOFTWARE']} to {$_SERVER['REMOTE_ADDR']}, {$_SERVER['REQUEST_METHOD']} {$_SERVER['REQUEST_URI']}";
}
